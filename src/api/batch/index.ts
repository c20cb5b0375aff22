import type { Kind } from '../../machinery/kind.ts'
import { cronJobs } from './cron-job.ts'
import { jobs } from './job.ts'

export type { CronJob, CronJobSpec, CronJobStatus } from './cron-job.ts'
export { cronJobSchema, cronJobs } from './cron-job.ts'
export type { Job, JobCondition, JobStatus } from './job.ts'
export { jobSchema, jobs } from './job.ts'
export type { JobSpec, JobTemplateSpec } from './job-spec.ts'

export const batchKinds: readonly Kind[] = [cronJobs, jobs]
