import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Dispatch } from './dispatch.ts'

const registries = new WeakMap<object, Dispatch>()

/** Lets the program itself ask the registry that the server serves. */
export function openInside(server: object, dispatch: Dispatch): void {
  registries.set(server, dispatch)
}

/** A request without a body: the path, percent-encoded, and headers by their lower-case names. */
export interface InsideRequest {
  method: string
  url: string
  headers: Readonly<Record<string, string>>
}

const present = { signal: new AbortController().signal }

/**
 * Asks the registry as a client would, the same rights, leases and audit, without a socket and what it takes to write an answer
 * to one. Resolves to the status.
 */
export async function askInside(app: FastifyInstance, request: InsideRequest): Promise<number> {
  const dispatch = registries.get(app.server)
  if (dispatch === undefined) throw new Error('no registry is served there')
  // What is read of a message whose body nobody reads.
  const message = { ...request, socket: { remoteAddress: '127.0.0.1' }, complete: true, destroyed: false }
  const { status } = await dispatch(message as unknown as IncomingMessage, present)
  return status
}
