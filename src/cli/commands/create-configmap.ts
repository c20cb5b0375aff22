import type { KubeObject } from '../../machinery/object.ts'
import type { Command } from '../command.ts'
import { readData } from '../resources/data-files.ts'
import { builtin, createGenerated, generatorFlags, oneName } from './create-one.ts'
import { explainFor } from './create-secret.ts'
import { hashedName } from './name-hash.ts'

const configMaps = builtin('', 'v1', 'configmaps', 'ConfigMap')

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes)
}

export const createConfigMapCommand: Command = {
  usage: 'NAME [--from-file=[key=]source] [--from-literal=key1=value1]',
  long: 'Create a config map from files, folders or values.',
  flags: [
    ...generatorFlags,
    { name: 'append-hash', kind: 'bool', help: 'Add a hash of the content to the name.' },
    { name: 'from-env-file', kind: 'list', help: 'A file of KEY=value lines.' },
    { name: 'from-file', kind: 'array', help: 'A file, or key=file; a folder stands for its files.' },
    { name: 'from-literal', kind: 'array', help: 'A key and its value, as key=value.' },
  ],
  run: async (context) => {
    const name = oneName(context.args)
    const all = [...(await readData(context, { kind: 'ConfigMap', name }))]
    const data = Object.fromEntries(all.filter(([, b]) => isText(b)).map(([k, b]) => [k, b.toString('utf8')]))
    const binaryData = Object.fromEntries(
      all.filter(([, b]) => !isText(b)).map(([k, b]) => [k, b.toString('base64')]),
    )
    const plain = {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name },
      ...(Object.keys(data).length === 0 ? {} : { data }),
      ...(Object.keys(binaryData).length === 0 ? {} : { binaryData }),
    }
    const object = context.flags.bool('append-hash')
      ? { ...plain, metadata: { name: hashedName(plain) } }
      : plain
    await createGenerated(context, configMaps, object as KubeObject, { explain: explainFor('configmap') })
  },
}
