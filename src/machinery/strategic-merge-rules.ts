import type { JsonSchema } from './decode-schema.ts'

/** What a schema says about patches of one field. */
export interface FieldRule {
  /** Lists merge by element instead of being replaced. */
  mergesLists: boolean
  /** Objects are replaced whole. */
  replaces: boolean
  /** Names an element of a list of objects; undefined for lists of scalars. */
  mergeKey: string | undefined
  /** For elements of the list. */
  items(): FieldRule | undefined
  /** For a field of the object, or any key of the map. */
  field(name: string): FieldRule | undefined
}

const rules = new WeakMap<JsonSchema, FieldRule>()

export function ruleOf(schema: JsonSchema): FieldRule {
  const known = rules.get(schema)
  if (known !== undefined) return known
  const rule = createRule(schema)
  rules.set(schema, rule)
  return rule
}

/** A nullable schema stands for what it is when it isn't null. */
function bare(schema: JsonSchema): JsonSchema {
  const arms = (schema.anyOf ?? []).filter((arm) => arm.type !== 'null')
  return arms.length === 1 ? { ...(arms[0] as JsonSchema), ...schema } : schema
}

function createRule(sent: JsonSchema): FieldRule {
  const schema = bare(sent)
  const strategies = (schema['x-kubernetes-patch-strategy'] ?? '').split(',')
  const fields: Record<string, JsonSchema> = Object.assign(
    {},
    ...(schema.allOf ?? []).map((part) => part.properties ?? {}),
    schema.properties ?? {},
  )
  const values = [schema.additionalProperties, ...Object.values(schema.patternProperties ?? {})].find(
    (candidate) => typeof candidate === 'object',
  ) as JsonSchema | undefined
  return {
    mergesLists: strategies.includes('merge') && schema.type === 'array',
    replaces: strategies.includes('replace'),
    mergeKey: schema['x-kubernetes-patch-merge-key'],
    items: () => (schema.items === undefined ? undefined : ruleOf(schema.items)),
    field(name) {
      const declared = Object.hasOwn(fields, name) ? fields[name] : values
      return declared === undefined ? undefined : ruleOf(declared)
    },
  }
}
