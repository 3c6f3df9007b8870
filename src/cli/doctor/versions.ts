import { VERSION } from '../itself.ts'
import { OLDEST_NODE } from '../oldest-node.ts'
import type { Group } from './check.ts'

export const versions = (node: string = process.versions.node): Group => ({
  title: 'Versions',
  checks: [
    {
      name: 'Node',
      run: () =>
        Number(node.split('.')[0]) >= OLDEST_NODE
          ? { status: 'well', detail: node }
          : {
              status: 'fault',
              detail: `${node} is older than ${OLDEST_NODE}`,
              mend: `Use Node ${OLDEST_NODE}; \`npm run sluice\`, or \`npx sluice\`, takes the one that npm installed.`,
            },
    },
    {
      name: 'Sluice',
      run: () => ({ status: 'well', detail: VERSION }),
    },
  ],
})
