/** A build that can't go on: the reason and the message that its status gets, in the words of the real builder. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure'
  readonly reason: string
  /** For the log, where there is more to say than the message does. */
  readonly detail: string | undefined
  constructor(reason: BuildFailureReason, detail?: string) {
    super(messages[reason])
    this.reason = reason
    this.detail = detail
  }
}

export type BuildFailureReason = keyof typeof messages

const messages = {
  FetchSourceFailed: 'Failed to fetch the input source.',
  InvalidContextDirectory: 'The supplied context directory does not exist.',
  ManageDockerfileFailed: 'Failed to replace the FROM of the Dockerfile, or to read it.',
  FetchImageContentFailed: 'Failed to extract image content.',
  PullBuilderImageFailed: 'Failed pulling builder image.',
  DockerBuildFailed: 'Dockerfile build strategy has failed.',
  PostCommitHookFailed: 'Build failed because of post commit hook.',
  PushImageToRegistryFailed: 'Failed to push the image to the registry.',
  GenericBuildFailed: 'Generic Build failure - check logs for details.',
} as const
