import { decodeBase64 } from '../../machinery/base64.ts'
import type { FieldError } from '../../machinery/errors.ts'
import { invalidValue, required } from '../common/field-errors.ts'
import type { Secret } from './secret.ts'

export const secretTypes = {
  opaque: 'Opaque',
  basicAuth: 'kubernetes.io/basic-auth',
  dockerConfig: 'kubernetes.io/dockercfg',
  dockerConfigJson: 'kubernetes.io/dockerconfigjson',
  serviceAccountToken: 'kubernetes.io/service-account-token',
  sshAuth: 'kubernetes.io/ssh-auth',
  tls: 'kubernetes.io/tls',
} as const

/** Key of the data that holds the pull credentials, for the two types that do (auth.md U-50). */
export const dockerConfigKeys: Readonly<Record<string, string>> = {
  [secretTypes.dockerConfig]: '.dockercfg',
  [secretTypes.dockerConfigJson]: '.dockerconfigjson',
}

/** The annotation that binds a token secret to its account. */
export const serviceAccountNameAnnotation = 'kubernetes.io/service-account.name'

function isJsonObject(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** What each well-known type demands of its data (auth.md U-45). No value is repeated in an error. */
export function secretTypeErrors(secret: Secret): FieldError[] {
  const data = secret.data ?? {}
  const need = (...keys: string[]) =>
    keys.filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`))
  switch (secret.type) {
    case secretTypes.dockerConfig:
    case secretTypes.dockerConfigJson:
      return dockerConfigErrors(data, dockerConfigKeys[secret.type] as string)
    case secretTypes.serviceAccountToken:
      return secret.metadata.annotations?.[serviceAccountNameAnnotation]
        ? []
        : [required(`metadata.annotations[${serviceAccountNameAnnotation}]`)]
    case secretTypes.basicAuth:
      return data.username === undefined && data.password === undefined
        ? [...need('username'), ...need('password')]
        : []
    case secretTypes.sshAuth:
      return data['ssh-privatekey'] === undefined || data['ssh-privatekey'] === ''
        ? [required('data[ssh-privatekey]')]
        : []
    case secretTypes.tls:
      return need('tls.crt', 'tls.key')
    default:
      return []
  }
}

function dockerConfigErrors(data: Readonly<Record<string, string>>, key: string): FieldError[] {
  const text = data[key]
  const field = `data[${key}]`
  if (text === undefined) return [required(field)]
  const bytes = decodeBase64(text)
  if (bytes !== undefined && isJsonObject(bytes)) return []
  return [invalidValue(field, '<secret contents redacted>', 'must be a JSON object')]
}
