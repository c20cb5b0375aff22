import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, list, omit, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { invalidValue } from '../common/field-errors.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { namespaceConditionSchema } from '../core/namespace.ts'
import { descriptionAnnotation, displayNameAnnotation, projectNameProblems } from './project-request.ts'

const struct = structIn('com.github.openshift.api.project.v1')

export const projectSpecSchema = struct('ProjectSpec', {
  finalizers: omit(list(goString())),
})
export type ProjectSpec = Static<typeof projectSpecSchema>

export const projectStatusSchema = struct('ProjectStatus', {
  phase: omit(goString()),
  conditions: omit(list(namespaceConditionSchema)),
})
export type ProjectStatus = Static<typeof projectStatusSchema>

export const projectSchema = objectSchema(
  'Project',
  {
    spec: always(projectSpecSchema, { mandatory: false }),
    status: always(projectStatusSchema, { mandatory: false }),
  },
  {
    schemaName: 'com.github.openshift.api.project.v1.Project',
    description: 'A namespace, as its users see it.',
  },
)
export type Project = Static<typeof projectSchema>

/** The name for people stands in tables and menus: one line. */
function validate({ metadata }: Project): FieldError[] {
  const name = metadata.annotations?.[displayNameAnnotation] ?? ''
  if (!/[\n\t]/.test(name)) return []
  const field = `metadata.annotations[${displayNameAnnotation}]`
  return [invalidValue(field, name, 'may not contain a new line or tab')]
}

const kept = [displayNameAnnotation, descriptionAnnotation]

/** Through this kind only the two annotations for people may change; the namespace has the rest. */
function validateChange(next: Project, old: Project): FieldError[] {
  const errors: FieldError[] = []
  const compare = (part: 'labels' | 'annotations') => {
    const keys = new Set([
      ...Object.keys(next.metadata[part] ?? {}),
      ...Object.keys(old.metadata[part] ?? {}),
    ])
    for (const key of keys) {
      const value = next.metadata[part]?.[key]
      if (value === old.metadata[part]?.[key] || (part === 'annotations' && kept.includes(key))) continue
      const detail = 'field is immutable, try updating the namespace'
      errors.push(invalidValue(`metadata.${part}[${key}]`, value ?? old.metadata[part]?.[key] ?? '', detail))
    }
  }
  compare('annotations')
  compare('labels')
  return errors
}

/** A view of a Namespace, for those who may see it. */
export const projects = defineKind<Project>({
  group: 'project.openshift.io',
  version: 'v1',
  kind: 'Project',
  plural: 'projects',
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  stored: false,
  schema: projectSchema,
  schemaName: 'com.github.openshift.api.project.v1.Project',
  columns: [
    nameColumn,
    textColumn(
      'Display Name',
      'Its name for people.',
      (p) => p.metadata.annotations?.[displayNameAnnotation] ?? '',
    ),
    textColumn(
      'Status',
      'Active, or Terminating while its content goes.',
      (project) => project.status.phase ?? '',
    ),
  ],
  fieldSelectors: { 'status.phase': (project) => project.status.phase ?? '' },
  hooks: statusHooks<Project>({
    initialStatus: {},
    validate,
    validateChange,
    validateName: projectNameProblems,
    hasGeneration: false,
  }),
})
