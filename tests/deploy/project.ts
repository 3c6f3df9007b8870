import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface Ended {
  readonly exitCode: number | null
  readonly output: string
  readonly complaints: string
}

/** A checkout of its own with the scripts and what they read: clean, with one commit, and no network. */
export interface Project extends Disposable {
  readonly folder: string
  readonly commit: string
  /** Runs a script from `scripts/`. `programs` stand before all others on the path. */
  run(script: string, args: readonly string[], programs?: Readonly<Record<string, string>>, path?: string): Ended
}

export function checkout(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-deploy-'))
  for (const part of ['scripts', 'src', 'clock', 'package.json', 'package-lock.json', '.gitignore']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
    })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message=all')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, '.git/info/exclude'), 'node_modules\nbin\n')
  return {
    folder,
    commit: git('rev-parse', '--short', 'HEAD').trim(),
    run(script, args, programs = {}, path = process.env.PATH) {
      const bin = join(folder, 'bin')
      mkdirSync(bin, { recursive: true })
      for (const [name, text] of Object.entries(programs)) {
        writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 })
      }
      const { status, stdout, stderr } = spawnSync(join(folder, 'scripts', script), args, {
        env: { HOME: folder, PATH: `${bin}:${path}` },
        encoding: 'utf8',
      })
      return { exitCode: status, output: stdout, complaints: stderr }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
