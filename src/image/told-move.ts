/** One move of a tag, wherever it is read from. */
export interface ToldMove {
  /** The same each time that the move is told of, and no other's. */
  id: string
  namespace: string
  stream: string
  /** Empty where the stream went with all its tags. */
  tag: string
  /** RFC 3339. */
  time: string
  /** Why: push, import, schedule, tag, rollback, policy or api. */
  cause: string
  /** Who. */
  subject: string
  message?: string
  /** What the tag was; absent when it is new. */
  before?: ToldPlace
  /** What it is; absent when it is gone. */
  after?: ToldPlace
}

export interface ToldPlace {
  /** Digest of the image; empty where only a reference is known. */
  image: string
  dockerImageReference: string
}
