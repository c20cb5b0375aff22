import { annotationPairs, type Json, labelPairs, objectOf, objectsOf, sortedEntries } from './kube-lines.ts'
import { none } from './lines.ts'
import { volumeLines } from './volumes.ts'

/** A pod template, for descriptions of workloads and for `rollout history --revision`. */

function ports(container: Json, title: string, show: (port: Json) => string): string {
  const all = objectsOf(container.ports).map(show)
  return `    ${title}${all.length > 1 ? 's' : ''}:\t${all.join(', ') || none}\n`
}

function words(title: string, list: unknown): string {
  if (!Array.isArray(list) || list.length === 0) return ''
  const lines = list.flatMap((word) => String(word).split('\n'))
  return `    ${title}:\n${lines.map((line) => `      ${line}\n`).join('')}`
}

function quantities(title: string, map: unknown): string {
  const entries = sortedEntries(objectOf(map))
  if (entries.length === 0) return ''
  return `    ${title}:\n${entries.map(([name, amount]) => `      ${name}:\t${amount}\n`).join('')}`
}

function probeText(probe: Json): string {
  const { exec, httpGet, tcpSocket, grpc } = probe as Record<string, Json | undefined>
  const timing = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 1}s period=${probe.periodSeconds ?? 10}s #success=${probe.successThreshold ?? 1} #failure=${probe.failureThreshold ?? 3}`
  if (exec !== undefined) return `exec [${(exec.command as string[] | undefined)?.join(' ') ?? ''}] ${timing}`
  if (httpGet !== undefined) {
    const scheme = String(httpGet.scheme ?? 'HTTP').toLowerCase()
    return `http-get ${scheme}://${httpGet.host ?? ''}:${httpGet.port ?? ''}${httpGet.path ?? ''} ${timing}`
  }
  if (tcpSocket !== undefined) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port ?? ''} ${timing}`
  if (grpc !== undefined) return `grpc <pod>:${grpc.port ?? ''} ${grpc.service ?? ''} ${timing}`
  return `unknown ${timing}`
}

function probes(container: Json): string {
  return (['liveness', 'readiness', 'startup'] as const)
    .map((which) => {
      const probe = container[`${which}Probe`]
      const title = which.charAt(0).toUpperCase() + which.slice(1)
      return probe === undefined ? '' : `    ${title}:\t${probeText(objectOf(probe))}\n`
    })
    .join('')
}

function wholeSources(container: Json): string {
  const lines = objectsOf(container.envFrom).map((source) => {
    const isMap = source.configMapRef !== undefined
    const ref = objectOf(isMap ? source.configMapRef : source.secretRef)
    const prefix = source.prefix ? ` with prefix '${source.prefix}'` : ''
    return `      ${ref.name ?? ''}\t${isMap ? 'ConfigMap' : 'Secret'}${prefix}\tOptional: ${ref.optional === true}\n`
  })
  return lines.length === 0 ? '' : `    Environment Variables from:\n${lines.join('')}`
}

function variable(one: Json): string {
  const head = `      ${one.name ?? ''}:\t`
  const from = one.valueFrom as Record<string, Json | undefined> | undefined
  if (from === undefined) return `${head}${String(one.value ?? '').replaceAll('\n', '\n      \t')}\n`
  if (from.fieldRef !== undefined)
    return `${head} (${from.fieldRef.apiVersion ?? 'v1'}:${from.fieldRef.fieldPath ?? ''})\n`
  if (from.resourceFieldRef !== undefined) return `${head} (${from.resourceFieldRef.resource ?? ''})\n`
  const { secretKeyRef: secret, configMapKeyRef: map } = from
  const ref = secret ?? map ?? {}
  const where = secret === undefined ? `of config map '${ref.name}'` : `in secret '${ref.name}'`
  return `${head}<set to the key '${ref.key}' ${where}>\tOptional: ${ref.optional === true}\n`
}

function variables(container: Json): string {
  const all = objectsOf(container.env)
  return all.length === 0 ? `    Environment:\t${none}\n` : `    Environment:\n${all.map(variable).join('')}`
}

function mounts(container: Json): string {
  const all = objectsOf(container.volumeMounts).toSorted((a, b) =>
    String(a.mountPath) < String(b.mountPath) ? -1 : 1,
  )
  if (all.length === 0) return `    Mounts:\t${none}\n`
  const lines = all.map((mount) => {
    const flags = [
      mount.readOnly === true ? 'ro' : 'rw',
      ...(mount.subPath ? [`path=${JSON.stringify(mount.subPath)}`] : []),
    ]
    return `      ${mount.mountPath} from ${mount.name} (${flags.join(',')})\n`
  })
  return `    Mounts:\n${lines.join('')}`
}

function containerLines(container: Json): string {
  const resources = objectOf(container.resources)
  return [
    `   ${container.name ?? ''}:\n`,
    `    Image:\t${container.image ?? ''}\n`,
    ports(container, 'Port', (p) => `${p.containerPort}/${p.protocol ?? 'TCP'}`),
    ports(container, 'Host Port', (p) => `${p.hostPort ?? 0}/${p.protocol ?? 'TCP'}`),
    words('Command', container.command),
    words('Args', container.args),
    quantities('Limits', resources.limits),
    quantities('Requests', resources.requests),
    probes(container),
    wholeSources(container),
    variables(container),
    mounts(container),
  ].join('')
}

function containers(title: string, list: unknown): string {
  const all = objectsOf(list)
  return all.length === 0 ? '' : `  ${title}:\n${all.map(containerLines).join('')}`
}

function tolerationText(one: Json): string {
  const effect = one.effect ? `:${one.effect}` : ''
  const operator = one.operator === 'Exists' ? (one.key || effect ? ' op=Exists' : 'op=Exists') : ''
  const seconds = one.tolerationSeconds
  const time = seconds === undefined ? '' : Number(seconds) === 0 ? ' immediately' : ` for ${seconds}s`
  return `${one.key ?? ''}${one.value ? `=${one.value}` : ''}${effect}${operator}${time}`
}

function tolerationLines(list: unknown): string {
  const texts = objectsOf(list).map(tolerationText)
  if (texts.length === 0) return `  Tolerations:\t${none}\n`
  return texts.map((text, i) => `  ${i === 0 ? 'Tolerations:' : ''}\t${text}\n`).join('')
}

/** Lines with tabs between their cells. */
export function podTemplateLines(template: unknown): string {
  const { metadata, spec: specOf } = objectOf(template)
  const meta = objectOf(metadata)
  const spec = objectOf(specOf)
  return [
    'Pod Template:\n',
    labelPairs('Labels', meta.labels as object, '  '),
    Object.keys(objectOf(meta.annotations)).length === 0
      ? ''
      : annotationPairs('Annotations', meta.annotations as object, '  '),
    spec.serviceAccountName ? `  Service Account:\t${spec.serviceAccountName}\n` : '',
    containers('Init Containers', spec.initContainers),
    containers('Containers', spec.containers),
    volumeLines(spec.volumes),
    spec.priorityClassName ? `  Priority Class Name:\t${spec.priorityClassName}\n` : '',
    labelPairs('Node-Selectors', spec.nodeSelector as object, '  '),
    tolerationLines(spec.tolerations),
  ].join('')
}
