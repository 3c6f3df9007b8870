import { defineConfig } from 'vitest/config'

/** Tests for vitest.tools.config.ts. */
export const TOOLS = ['tests/{deploy,terraform}/**/*.test.ts', '**/gcloud.test.ts']

/** What all tests share. */
export const common = {
  setupFiles: ['src/testing/setup.ts'],
  testTimeout: 20_000,
  // The default leaves a core idle, which on a laptop with two is half of them.
  maxWorkers: '100%',
  // Every download of the Cloud Storage client puts eleven listeners on one of its streams.
  execArgv: ['--disable-warning=MaxListenersExceededWarning'],
}

export default defineConfig({
  test: {
    ...common,
    projects: [
      {
        test: {
          ...common,
          name: 'parts',
          include: ['{clock,emulators,src,pipeline}/**/*.test.ts', 'tests/{contracts,queries}/**/*.test.ts'],
          exclude: TOOLS,
          // Nothing here keeps state in a module, so files may share a worker, which loads Google's clients once.
          isolate: false,
        },
      },
      {
        test: {
          ...common,
          name: 'across',
          include: ['tests/**/*.test.ts'],
          exclude: [...TOOLS, 'tests/{contracts,docker,flink,package,queries}/**'],
        },
      },
    ],
  },
})
