import type { FieldError } from '../../machinery/errors.ts'
import { dns1123SubdomainProblems } from '../../machinery/names.ts'
import { invalidValue, required } from '../common/field-errors.ts'
import { streamNameProblems } from '../image/image-stream.ts'
import type { DeploymentTriggerPolicy } from './deployment-config-spec.ts'

/** Containers whose image a trigger sets, so that they may be without one. */
export function triggeredContainers(triggers: readonly DeploymentTriggerPolicy[]): ReadonlySet<string> {
  return new Set(triggers.flatMap((trigger) => trigger.imageChangeParams?.containerNames ?? []))
}

/** Validation of `spec.triggers` of a DeploymentConfig (triggers.md §5.1). */
export function triggerErrors(
  triggers: readonly DeploymentTriggerPolicy[],
  field: string,
  namespace: string,
): FieldError[] {
  return triggers.flatMap((trigger, index): FieldError[] => {
    const at = `${field}[${index}]`
    if (!trigger.type) return [required(`${at}.type`)]
    if (trigger.type !== 'ImageChange') return []
    if (trigger.imageChangeParams === undefined) return [required(`${at}.imageChangeParams`)]
    return imageChangeErrors(trigger.imageChangeParams, `${at}.imageChangeParams`, namespace)
  })
}

type Params = NonNullable<DeploymentTriggerPolicy['imageChangeParams']>

function imageChangeErrors({ from, containerNames }: Params, field: string, namespace: string): FieldError[] {
  const lacksContainers = (containerNames ?? []).length === 0
  return [
    ...referenceErrors(from, `${field}.from`, namespace),
    ...(lacksContainers ? [required(`${field}.containerNames`)] : []),
  ]
}

function referenceErrors(from: Params['from'], field: string, namespace: string): FieldError[] {
  if (!from.name) return [required(field)]
  const errors: FieldError[] = []
  if (from.kind !== 'ImageStreamTag') {
    errors.push(invalidValue(`${field}.kind`, from.kind, 'kind must be an ImageStreamTag'))
  }
  const [stream, tag, ...rest] = from.name.split(':')
  if (!stream || !tag || rest.length > 0) {
    errors.push(invalidValue(`${field}.name`, from.name, 'must be in the form of <name>:<tag>'))
  } else {
    const problems = streamNameProblems(stream)
    if (problems.length > 0) errors.push(invalidValue(`${field}.name`, from.name, problems.join(', ')))
  }
  const space = from.namespace || namespace
  if (space !== '' && dns1123SubdomainProblems(space).length > 0) {
    errors.push(invalidValue(`${field}.namespace`, space, 'namespace must be a valid subdomain'))
  }
  return errors
}
