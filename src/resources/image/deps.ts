import type { Authorize } from '../../access/access.ts'
import type { StreamEnv } from '../../image/index.ts'
import type { EndpointDeps } from '../resources.ts'

/** What the endpoints of `image.openshift.io` work with. */
export interface ImageEndpointDeps extends EndpointDeps {
  /** What the rules take from configuration; the time is added at each write. */
  settings: Omit<StreamEnv, 'now'>
  authorize: Authorize
  /** false: no move of a tag is recorded (docs/configuration.md, `history`). */
  recordsMoves?: boolean
}
