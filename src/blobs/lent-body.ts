import { Readable } from 'node:stream'

/** A body that is read, but not ended, by whom it is given to: its stream goes on to live when they stop early. */
export interface LentBody extends AsyncIterable<Uint8Array> {
  readonly lent: Readable
}

/** For requests: their answer still has to go out. */
export function lendBody(stream: Readable): LentBody {
  return { lent: stream, [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }) }
}

/** Told of each piece; a promise: the next one has to wait for it. */
export type TakePiece = (piece: Uint8Array) => Promise<void> | undefined

/**
 * Gives a body's pieces away, one after the other. Streams are listened to: an iteration costs some promises a piece. Rejects
 * with the body's error, or with that of `take`, after which nothing more is taken.
 */
export async function eachPiece(body: AsyncIterable<Uint8Array>, take: TakePiece): Promise<void> {
  if (body instanceof Readable) {
    try {
      await listen(body, take)
    } finally {
      body.destroy()
    }
  } else if ('lent' in body) await listen((body as LentBody).lent, take)
  else for await (const piece of body) await take(piece)
}

function listen(stream: Readable, take: TakePiece): Promise<void> {
  return new Promise((resolve, reject) => {
    /** The piece that is being taken: it is over only after that. */
    let taking: Promise<void> | undefined
    const leave = (): void => {
      stream.off('data', onPiece).off('end', onEnd).off('error', onError).off('close', onClose)
    }
    const onEnd = (): void => {
      leave()
      resolve(taking)
    }
    const onError = (error: unknown): void => {
      leave()
      stream.pause()
      const fail = (): void => reject(error)
      if (taking === undefined) fail()
      else taking.then(fail, fail)
    }
    const onClose = (): void => onError(new Error('the body broke off'))
    const onPiece = (piece: Uint8Array): void => {
      try {
        taking = take(piece)
      } catch (error) {
        onError(error)
      }
      if (taking === undefined) return
      stream.pause()
      taking.then(() => {
        taking = undefined
        stream.resume()
      }, onError)
    }
    if (stream.readableEnded) resolve()
    else if (stream.errored !== null) reject(stream.errored)
    else if (stream.destroyed) onClose()
    else stream.on('end', onEnd).on('error', onError).on('close', onClose).on('data', onPiece)
  })
}
