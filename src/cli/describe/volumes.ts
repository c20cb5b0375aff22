import { type Json, objectOf, objectsOf } from './kube-lines.ts'
import { none } from './lines.ts'

/** The volumes of a pod template. */

interface VolumeKind {
  text: string
  /** Titles and what stands beside them. */
  fields(source: Json): [string, unknown][]
}

const kinds: Record<string, VolumeKind> = {
  emptyDir: {
    text: "EmptyDir (a temporary directory that shares a pod's lifetime)",
    fields: (source) => [
      ['Medium', source.medium ?? ''],
      ['SizeLimit', source.sizeLimit ?? '<unset>'],
    ],
  },
  secret: {
    text: 'Secret (a volume populated by a Secret)',
    fields: (source) => [
      ['SecretName', source.secretName ?? ''],
      ['Optional', source.optional === true],
    ],
  },
  configMap: {
    text: 'ConfigMap (a volume populated by a ConfigMap)',
    fields: (source) => [
      ['Name', source.name ?? ''],
      ['Optional', source.optional === true],
    ],
  },
  persistentVolumeClaim: {
    text: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
    fields: (source) => [
      ['ClaimName', source.claimName ?? ''],
      ['ReadOnly', source.readOnly === true],
    ],
  },
  hostPath: {
    text: 'HostPath (bare host directory volume)',
    fields: (source) => [
      ['Path', source.path ?? ''],
      ['HostPathType', source.type ?? ''],
    ],
  },
}

function oneVolume({ name, ...sources }: Json): string {
  const [type = ''] = Object.keys(sources)
  const kind = kinds[type]
  const head = `   ${name ?? ''}:\n`
  if (kind === undefined) return `${head}    Type:\t${type === '' ? '<unknown>' : type}\n`
  const fields = kind.fields(objectOf(sources[type])).map(([title, value]) => `    ${title}:\t${value}\n`)
  return `${head}    Type:\t${kind.text}\n${fields.join('')}`
}

export function volumeLines(list: unknown): string {
  const all = objectsOf(list)
  return all.length === 0 ? `  Volumes:\t${none}\n` : `  Volumes:\n${all.map(oneVolume).join('')}`
}
