import { createHash, timingSafeEqual } from 'node:crypto'
import { type Build, type BuildConfig, buildConfigs, secrets } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { type HookTrigger, type HookType, hookTriggers, hookTypes, planHook } from '../image/index.ts'
import { ApiError, badRequest, isApiError, notFound, type Status } from '../machinery/errors.ts'

export interface WebhookCall {
  namespace: string
  /** Of the BuildConfig. */
  name: string
  secret: string
  type: string
  header(name: string): string
  body: Buffer
}

const eventHeaders: Record<HookType, string> = {
  generic: '',
  github: 'x-github-event',
  gitlab: 'x-gitlab-event',
  bitbucket: 'x-event-key',
}

const secretKey = 'WebHookSecretKey'

/**
 * A call of `buildconfigs/<name>/webhooks/<secret>/<type>`: a Build, or a Status that says why there is none. Whoever does not know the
 * secret learns nothing, not even whether there is such a build config. `client` acts for the program: the secret is the right.
 */
export async function callWebhook(call: WebhookCall, client: Client): Promise<Build | Status> {
  const { namespace, name, type } = call
  if (!isHookType(type)) {
    throw notFound({ group: buildConfigs.group, resource: 'buildconfighook' }, type)
  }
  const config = await client.get(buildConfigs, namespace, name).catch(absent)
  const trigger = config && (await findTrigger(config, type, call.secret, client))
  if (config === undefined || trigger === undefined) {
    const why = `the webhook "${type}" for "${name}" did not accept your secret`
    throw new ApiError(401, 'Unauthorized', why)
  }
  const answer = planHook(config, {
    type,
    event: eventHeaders[type] === '' ? '' : call.header(eventHeaders[type]),
    payload: readPayload(call),
    allowsEnv: trigger.allowEnv === true,
  })
  if (answer.kind === 'bad') throw badRequest(answer.why)
  if (answer.kind === 'skip') {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      message: answer.why,
      code: 200,
    }
  }
  const options = { subresource: 'instantiate', name }
  return (await client.create(buildConfigs, namespace, answer.request as never, options)) as unknown as Build
}

const isHookType = (type: string): type is HookType => hookTypes.some((known) => known === type)

/** All are compared, so that the time tells nothing of which one was close. */
async function findTrigger(
  config: BuildConfig,
  type: HookType,
  given: string,
  client: Client,
): Promise<HookTrigger | undefined> {
  let found: HookTrigger | undefined
  for (const trigger of hookTriggers(config, type)) {
    const secret = await secretOf(trigger, config.metadata.namespace ?? '', client)
    if (secret !== '' && isSame(secret, given)) found = trigger
  }
  return found
}

async function secretOf({ secret, secretReference }: HookTrigger, namespace: string, client: Client) {
  if (secretReference === undefined) return secret ?? ''
  const object = await client.get(secrets, namespace, secretReference.name).catch(absent)
  return Buffer.from(object?.data?.[secretKey] ?? '', 'base64').toString('utf8')
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/** JSON, or the form that GitHub sends it in; undefined for anything else. */
function readPayload({ body, header }: WebhookCall): unknown {
  const text = body.toString('utf8')
  const isForm = header('content-type').startsWith('application/x-www-form-urlencoded')
  try {
    return JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text)
  } catch {
    return undefined
  }
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}
