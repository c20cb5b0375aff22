import type { Kind } from '../../machinery/kind.ts'
import { projects } from './project.ts'
import { projectRequests } from './project-request.ts'

export type { Project, ProjectSpec, ProjectStatus } from './project.ts'
export { projectSchema, projects } from './project.ts'
export type { ProjectRequest } from './project-request.ts'
export {
  descriptionAnnotation,
  displayNameAnnotation,
  projectNameProblems,
  projectRequestSchema,
  projectRequests,
  requesterAnnotation,
} from './project-request.ts'

export const projectKinds: readonly Kind[] = [projectRequests, projects]
