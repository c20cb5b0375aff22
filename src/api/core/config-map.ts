import { decodeBase64 } from '../../machinery/base64.ts'
import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { byteLength } from '../../machinery/names.ts'
import { bytes, goBool, map, omit, pointer, type Static, stringMap } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn } from '../common/columns.ts'
import { dataKeyErrors, dataSizeErrors } from '../common/data-keys.ts'
import { forbiddenField, invalidValue } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { isSameJson } from '../common/same-json.ts'

export const configMapSchema = objectSchema(
  'ConfigMap',
  {
    binaryData: omit(map(bytes(), { description: 'Entries of bytes, in base64.' })),
    data: omit(stringMap({ description: 'Entries of text.' })),
    immutable: pointer(goBool({ description: 'Forbids changes of the entries.' })),
  },
  { schemaName: 'io.k8s.api.core.v1.ConfigMap', description: 'Entries of configuration.' },
)
export type ConfigMap = Static<typeof configMapSchema>

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const both = Object.keys(binaryData).filter((key) => Object.hasOwn(data, key))
  const sizes = [
    ...Object.values(data).map(byteLength),
    ...Object.values(binaryData).map((text) => decodeBase64(text)?.length ?? 0),
  ]
  return [
    ...dataKeyErrors(Object.keys(data), 'data'),
    ...dataKeyErrors(Object.keys(binaryData), 'binaryData'),
    ...both.map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...dataSizeErrors(sizes, ''),
  ]
}

function validateChange(next: ConfigMap, old: ConfigMap): FieldError[] {
  if (!old.immutable) return []
  const detail = 'field is immutable when `immutable` is set'
  const changed = (['data', 'binaryData'] as const).filter(
    (key) => !isSameJson(next[key] ?? {}, old[key] ?? {}),
  )
  return [...(next.immutable ? [] : ['immutable']), ...changed].map((field) => forbiddenField(field, detail))
}

export const configMaps = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  namespaced: true,
  storageVersionHash: 'qFsyl6wFWjQ=',
  schema: configMapSchema,
  schemaName: 'io.k8s.api.core.v1.ConfigMap',
  columns: [
    nameColumn,
    textColumn(
      'Data',
      'How many entries it has.',
      (map) => Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length,
    ),
    ageColumn(),
  ],
  hooks: plainHooks<ConfigMap>({ validate: validateConfigMap, validateChange }),
})
