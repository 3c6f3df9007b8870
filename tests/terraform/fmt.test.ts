import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { folder } from './hcl.ts'
import { withoutTerraform } from './terraform.ts'

test.skipIf(withoutTerraform)(`terraform/ is formatted as terraform fmt formats it${withoutTerraform}`, () => {
  const { stdout, status } = spawnSync('terraform', ['fmt', '-check', '-recursive', '-diff', folder], {
    encoding: 'utf8',
  })
  expect(stdout).toBe('')
  expect(status).toBe(0)
})
