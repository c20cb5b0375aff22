import { findResource } from '../../client/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { UsageError } from '../errors.ts'
import { visible } from '../io.ts'
import { typedAccept } from '../resources/image-api.ts'

/** cli.md §13, `who-can`. */
export const whoCanCommand: Command = {
  usage: 'VERB RESOURCE [NAME]',
  long: 'Show which users and groups may do something.',
  flags: [
    { name: 'all-namespaces', short: 'A', kind: 'bool', help: 'In all namespaces.' },
    { name: 'subresource', kind: 'string', help: 'The subresource asked about.' },
  ],
  run: runWhoCan,
}

interface Answer {
  namespace?: string
  users?: string[] | null
  groups?: string[] | null
  evalutionError?: string
}

async function runWhoCan(context: CommandContext): Promise<void> {
  const { args, flags, session, io } = context
  const [verb, type, name = '', ...more] = args
  if (verb === undefined || type === undefined || more.length > 0) {
    throw new UsageError('you must specify two or three arguments: verb, resource, and optional resourceName')
  }
  const found = await session.discovery.find((discovered) => findResource(discovered, type))
  if (found === undefined)
    io.stderr.write(`Warning: the server doesn't have a resource type '${visible(type)}'\n`)
  const all = flags.bool('all-namespaces')
  const namespace = all ? '' : await session.namespace()
  const subresource = flags.string('subresource')
  const plural = `${found?.plural ?? type}${subresource === '' ? '' : `/${subresource}`}`
  const body = {
    kind: all ? 'ResourceAccessReview' : 'LocalResourceAccessReview',
    apiVersion: 'authorization.openshift.io/v1',
    metadata: {},
    namespace: '',
    verb,
    resourceAPIGroup: found?.group ?? '',
    resourceAPIVersion: '',
    resource: plural,
    resourceName: name,
    path: '',
    isNonResourceURL: false,
    content: null,
  }
  const root = '/apis/authorization.openshift.io/v1'
  const path = all
    ? `${root}/resourceaccessreviews`
    : `${root}/namespaces/${namespace}/localresourceaccessreviews`
  const rest = await session.rest()
  const answer = await rest.json<Answer>({ method: 'POST', path, body, accept: typedAccept })
  const group = found?.group ? `.${found.group}` : ''
  const qualified = `${found?.plural ?? type}${group}${subresource === '' ? '' : `/${subresource}`}`
  io.stdout.write(visible(formatAnswer(answer, all ? '<all>' : namespace, verb, qualified)))
}

function people(label: string, names: readonly string[]): string {
  if (names.length === 0) return `\n${label} none\n`
  const pad = ' '.repeat(label.length + 1)
  return `${label} ${[...names].sort().join(`\n${pad}`)}\n`
}

function formatAnswer(answer: Answer, namespace: string, verb: string, resource: string): string {
  const users = answer.users ?? []
  const groups = answer.groups ?? []
  return [
    'resourceaccessreviewresponse.authorization.openshift.io/<unknown> \n\n',
    `Namespace: ${namespace}\nVerb:      ${verb}\nResource:  ${resource}\n`,
    users.length === 0 ? people('Users: ', []) : `\n${people('Users: ', users)}`,
    people('Groups:', groups),
    '\n',
  ].join('')
}
