import type { FieldError } from '../../machinery/errors.ts'
import { dns1123LabelProblems } from '../../machinery/names.ts'
import { duplicate, invalidValue, oneOf, problemsAt, required } from '../common/field-errors.ts'
import type { Container } from './container.ts'
import type { PodSpec } from './pod-spec.ts'

const restartPolicies = ['Always', 'OnFailure', 'Never']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const protocols = ['TCP', 'UDP', 'SCTP']

export interface PodRules {
  /** Whether the container may have no image yet: a DeploymentConfig's trigger will fill it in. */
  mayLackImage?(container: string): boolean
  /** A pod, not a template: a template's image may be blank, a place for a trigger to fill in. */
  isPod?: boolean
  /** The only policies that the kind allows. */
  restartPolicies?: readonly string[]
}

/** What of a PodSpec matters without a node to run it: names, images, ports, and volumes that mounts refer to. */
export function validatePodSpec(spec: PodSpec, field: string, rules: PodRules = {}): FieldError[] {
  const containers = spec.containers ?? []
  const volumes = new Set((spec.volumes ?? []).map((volume) => volume.name))
  const check = (list: readonly Container[], at: string): FieldError[] =>
    list.flatMap((container, index) => containerErrors(container, `${at}[${index}]`, volumes, rules))
  return [
    ...uniqueNames(spec.volumes ?? [], `${field}.volumes`),
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...uniqueNames(containers, `${field}.containers`),
    ...check(containers, `${field}.containers`),
    ...uniqueNames(spec.initContainers ?? [], `${field}.initContainers`),
    ...check(spec.initContainers ?? [], `${field}.initContainers`),
    ...oneOf(`${field}.restartPolicy`, spec.restartPolicy, rules.restartPolicies ?? restartPolicies),
  ]
}

function uniqueNames(items: readonly { name: string }[], field: string): FieldError[] {
  const seen = new Set<string>()
  return items.flatMap(({ name }, index): FieldError[] => {
    const at = `${field}[${index}].name`
    if (name === '') return [required(at)]
    if (seen.has(name)) return [duplicate(at, name)]
    seen.add(name)
    return problemsAt(at, name, dns1123LabelProblems(name))
  })
}

function containerErrors(
  container: Container,
  field: string,
  volumes: ReadonlySet<string>,
  rules: PodRules,
): FieldError[] {
  const image = container.image ?? ''
  return [
    ...(image === '' && !rules.mayLackImage?.(container.name) ? [required(`${field}.image`)] : []),
    ...(rules.isPod === true && image !== image.trim()
      ? [invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace')]
      : []),
    ...oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
    ...portErrors(container, `${field}.ports`),
    ...(container.env ?? []).flatMap(({ name }, index) =>
      name === '' ? [required(`${field}.env[${index}].name`)] : [],
    ),
    ...mountErrors(container, `${field}.volumeMounts`, volumes),
  ]
}

function portErrors(container: Container, field: string): FieldError[] {
  return (container.ports ?? []).flatMap((port, index): FieldError[] => {
    const at = `${field}[${index}]`
    const number = port.containerPort
    return [
      ...(number === 0 ? [required(`${at}.containerPort`)] : []),
      ...(number < 0 || number > 65535
        ? [invalidValue(`${at}.containerPort`, number, 'must be between 1 and 65535, inclusive')]
        : []),
      ...oneOf(`${at}.protocol`, port.protocol, protocols),
    ]
  })
}

function mountErrors(container: Container, field: string, volumes: ReadonlySet<string>): FieldError[] {
  return (container.volumeMounts ?? []).flatMap((mount, index): FieldError[] => {
    const at = `${field}[${index}]`
    if (mount.name === '') return [required(`${at}.name`)]
    return [
      ...(volumes.has(mount.name)
        ? []
        : [{ type: 'Not found' as const, field: `${at}.name`, value: mount.name }]),
      ...(mount.mountPath === '' ? [required(`${at}.mountPath`)] : []),
    ]
  })
}
