import { patchContentTypes, type Query } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import type { DryRun } from '../parse/dry-run.ts'
import { mergePatch } from './apply-locally.ts'
import { typedAccept } from './image-api.ts'
import { pathOfSelected, type SelectedObject } from './select-objects.ts'

/** Sends a strategic patch of the `set` commands, or applies it here for --local and client dry runs. */
export async function patchSelected(
  context: CommandContext,
  selected: SelectedObject,
  patch: Record<string, unknown>,
  options: { dryRun: DryRun; failure: string },
): Promise<KubeObject> {
  const { flags, session } = context
  if (flags.bool('local') || options.dryRun === 'client')
    return mergePatch(selected.object, patch) as KubeObject
  const query: Query = {
    dryRun: options.dryRun === 'server' ? 'All' : undefined,
    fieldManager: flags.string('field-manager') || undefined,
  }
  const rest = await session.rest()
  try {
    return await rest.json<KubeObject>({
      method: 'PATCH',
      path: pathOfSelected(selected),
      query,
      body: patch,
      contentType: patchContentTypes.strategic,
      accept: typedAccept,
    })
  } catch (error) {
    throw isApiError(error) ? new CliError(`${options.failure}: ${error.message}`) : error
  }
}
