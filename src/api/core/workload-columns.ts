import type { Column } from '../../machinery/kind.ts'
import { wideColumn } from '../common/columns.ts'
import type { PodSpec } from './pod-spec.ts'

/** The wide columns Containers and Images that all workloads have. */
export function containerColumns<T>(specOf: (object: T) => PodSpec | undefined): Column<T>[] {
  const join = (object: T, part: 'name' | 'image') =>
    (specOf(object)?.containers ?? []).map((container) => container[part] ?? '').join(',')
  return [
    wideColumn('Containers', 'Names of the containers of a pod.', (object) => join(object, 'name')),
    wideColumn('Images', 'Images of the containers of a pod.', (object) => join(object, 'image')),
  ]
}
