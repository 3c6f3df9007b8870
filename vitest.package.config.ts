import { defineConfig } from 'vitest/config'
import { common } from './vitest.config.ts'

/** What needs the npm package installed in a project of its own: `npm run test:package` makes one. */
export default defineConfig({
  test: {
    ...common,
    include: ['tests/package/*.test.ts'],
    testTimeout: 120_000,
  },
})
