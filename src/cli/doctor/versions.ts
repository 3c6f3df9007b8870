import { readFile } from 'node:fs/promises'
import type { Group } from './check.ts'

const OLDEST_NODE = 24

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
              mend: `Use Node ${OLDEST_NODE}; \`npm run sluice\` takes the one that npm installed.`,
            },
    },
    {
      name: 'Sluice',
      async run() {
        const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'))
        return { status: 'well', detail: version }
      },
    },
  ],
})
