import { identify } from '../../credentials.ts'
import type { Group } from './check.ts'
import { CREDENTIALS, type Patient } from './patient.ts'

export const credentials = ({ settings }: Pick<Patient, 'settings'>): Group => ({
  title: 'Credentials',
  checks: [
    {
      name: CREDENTIALS,
      async run() {
        const identity = await identify(settings)
        // Not skipped: what needs it need not wait for anybody.
        if (!identity) return { status: 'well', detail: 'anybody: emulators ask for no credentials' }
        const { principal = 'a principal that Google does not name', type, source, quotaProject } = identity
        const who = `${principal}, ${type} of ${source}`
        if (quotaProject) return { status: 'well', detail: `${who}; quota project ${quotaProject}` }
        if (type !== 'authorized_user') return { status: 'well', detail: who }
        return {
          status: 'note',
          detail: `${who}; no quota project, without which some services refuse a user`,
          mend: `gcloud auth application-default set-quota-project ${settings.projectId}`,
        }
      },
    },
  ],
})
