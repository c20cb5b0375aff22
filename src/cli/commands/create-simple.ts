import type { KubeObject } from '../../machinery/object.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { builtin, createGenerated, generatorFlags, oneName } from './create-one.ts'
import { explainFor } from './create-secret.ts'

/** Generators whose objects are little more than a name. */

const namespaces = builtin('', 'v1', 'namespaces', 'Namespace', false)
const serviceAccounts = builtin('', 'v1', 'serviceaccounts', 'ServiceAccount')
const quotas = builtin('', 'v1', 'resourcequotas', 'ResourceQuota')

export const createNamespaceCommand: Command = {
  usage: 'NAME',
  long: 'Create a namespace.',
  flags: generatorFlags,
  run: async (context) => {
    const object = {
      kind: 'Namespace',
      apiVersion: 'v1',
      metadata: { name: oneName(context.args) },
      spec: {},
      status: {},
    }
    await createGenerated(context, namespaces, object as KubeObject)
  },
}

export const createServiceAccountCommand: Command = {
  usage: 'NAME',
  long: 'Create a service account.',
  flags: generatorFlags,
  run: async (context) => {
    const object = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: oneName(context.args) } }
    await createGenerated(context, serviceAccounts, object, { explain: explainFor('serviceaccount') })
  },
}

const quantity = /^[+-]?[0-9.]+[eEinumkKMGTP]*[-+]?[0-9]*$/

function readHard(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = '', value, ...more] = pair.split('=')
      if (value === undefined || more.length > 0)
        throw new CliError(`Invalid argument syntax ${pair}, expected <resource>=<value>`)
      if (!quantity.test(value))
        throw new CliError(
          "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        )
      return [key, value]
    }),
  )
}

export const createQuotaCommand: Command = {
  usage: 'NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2]',
  long: 'Create a quota for a namespace.',
  flags: [
    ...generatorFlags,
    { name: 'hard', kind: 'string', help: 'Resources and their limits, as a comma list of resource=limit.' },
    { name: 'scopes', kind: 'string', help: 'What the quota counts, as a comma list.' },
  ],
  run: async (context) => {
    const hard = readHard(context.flags.string('hard'))
    const scopes = context.flags
      .string('scopes')
      .split(',')
      .filter((scope) => scope !== '')
    const object = {
      kind: 'ResourceQuota',
      apiVersion: 'v1',
      metadata: { name: oneName(context.args) },
      spec: {
        ...(Object.keys(hard).length === 0 ? {} : { hard }),
        ...(scopes.length === 0 ? {} : { scopes }),
      },
      status: {},
    }
    await createGenerated(context, quotas, object as KubeObject, { explain: explainFor('quota') })
  },
}
