import type { Parsed } from '../parse/flags.ts'
import { imageApiVersion } from '../resources/image-api.ts'
import type { ImportPlan, PlannedImage } from './import-plan.ts'

const insecureAnnotation = 'openshift.io/image.insecureRepository'

/** The body of cli.md §2.3. */
export function toImportRequest(plan: ImportPlan, flags: Parsed, namespace: string): Record<string, unknown> {
  const { metadata } = plan.stream
  const annotated = metadata.annotations?.[insecureAnnotation] === 'true'
  const insecure = flags.changed('insecure') ? flags.bool('insecure') : annotated
  const local = flags.string('reference-policy').toLowerCase() === 'local'
  const referencePolicy = { type: local ? 'Local' : 'Source' }
  const importPolicy = (image: Pick<PlannedImage, 'insecure' | 'scheduled'>) => ({
    ...(insecure || image.insecure ? { insecure: true } : {}),
    ...(flags.bool('scheduled') || image.scheduled ? { scheduled: true } : {}),
    importMode: flags.string('import-mode') || 'Legacy',
  })
  const from = (name: string) => ({ kind: 'DockerImage', name })
  const whole =
    plan.repository === undefined
      ? {}
      : {
          repository: {
            from: from(plan.repository),
            importPolicy: importPolicy({ insecure: false, scheduled: false }),
            referencePolicy,
          },
        }
  const images = plan.images.map((image) => ({
    from: from(image.from),
    to: { name: image.to },
    importPolicy: importPolicy(image),
    referencePolicy,
  }))
  return {
    kind: 'ImageStreamImport',
    apiVersion: imageApiVersion,
    metadata: {
      name: metadata.name,
      namespace,
      ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
    },
    spec: { import: !flags.bool('dry-run'), ...whole, ...(images.length === 0 ? {} : { images }) },
    status: {},
  }
}
