import { defineConfig } from 'vitest/config'

/** Tests for vitest.tools.config.ts. */
export const TOOLS = ['tests/{deploy,terraform}/**/*.test.ts', '**/gcloud.test.ts']

export default defineConfig({
  test: {
    include: ['{clock,emulators,src,pipeline,tests}/**/*.test.ts'],
    exclude: [...TOOLS, 'tests/docker/**'],
    setupFiles: ['tests/offline/setup.ts'],
    testTimeout: 20_000,
    // The default leaves a core idle, which on a laptop with two is half of them.
    maxWorkers: '100%',
    // Every download of the Cloud Storage client puts eleven listeners on one of its streams.
    execArgv: ['--disable-warning=MaxListenersExceededWarning'],
  },
})
