import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { nameIsDnsLabel, pathSegmentProblems } from '../../machinery/names.ts'
import { goString, omit, type Static } from '../../machinery/schema.ts'

export const projectRequestSchema = objectSchema(
  'ProjectRequest',
  {
    description: omit(goString({ description: 'What the project is for.' })),
    displayName: omit(goString({ description: 'Name of the project for people.' })),
  },
  {
    schemaName: 'com.github.openshift.api.project.v1.ProjectRequest',
    description: "Asks for a project of one's own.",
  },
)
export type ProjectRequest = Static<typeof projectRequestSchema>

export const displayNameAnnotation = 'openshift.io/display-name'
export const descriptionAnnotation = 'openshift.io/description'
export const requesterAnnotation = 'openshift.io/requester'

/** Names of projects are those of namespaces, of two letters at least. */
export function projectNameProblems(name: string, isPrefix: boolean): string[] {
  const problems = pathSegmentProblems(name)
  if (problems.length > 0) return problems
  return name.length < 2 ? ['must be at least 2 characters long'] : nameIsDnsLabel(name, isPrefix)
}

/** Asks for a project of one's own. A list of them answers whether one may ask. */
export const projectRequests = defineKind<ProjectRequest>({
  group: 'project.openshift.io',
  version: 'v1',
  kind: 'ProjectRequest',
  plural: 'projectrequests',
  namespaced: false,
  verbs: ['create', 'list'],
  stored: false,
  schema: projectRequestSchema,
  schemaName: 'com.github.openshift.api.project.v1.ProjectRequest',
  hooks: { validateName: projectNameProblems },
})
