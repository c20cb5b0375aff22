import type { Column } from '../../machinery/index.ts'

export const referenceDescription = 'dockerImageReference is the string that can be used to pull this image.'
export const updatedDescription = 'Last update time.'

/** A column of text; its `value` may also give null. */
export function textColumn<T>(column: Omit<Column<T>, 'type' | 'format'>): Column<T> {
  return { type: 'string', ...column }
}
