import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const SCRIPT = join(import.meta.dirname, '../../scripts/fetch-flink.sh')

/** Runs the script with an `mvn` that puts one jar of its own where the jars are to go. */
function fetchInto(folder: string) {
  const bin = temporary()
  const mvn =
    '#!/bin/sh\nfor word in "$@"; do case $word in -DoutputDirectory=*) echo evil >"$(echo "$word" | cut -d= -f2)/evil.jar" ;; esac; done\n'
  writeFileSync(join(bin, 'mvn'), mvn, { mode: 0o755 })
  const { status, stderr } = spawnSync('bash', [SCRIPT, folder], {
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env.PATH}` },
  })
  return { status, lines: stderr.trim().split('\n') }
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-fetch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('jars that are not those of jars.sha256 are refused by name, and nothing is kept', () => {
  const around = temporary()
  const { status, lines } = fetchInto(join(around, 'jars'))
  expect(status).toBe(3)
  expect(lines[0]).toBe('What was fetched is not what it should be; nothing was kept.')
  expect(lines.filter((line) => line.startsWith('> '))).toEqual([
    expect.stringMatching(/^> [0-9a-f]{64} {2}evil\.jar$/),
  ])
  expect(lines.some((line) => /^< [0-9a-f]{64} {2}flink-runtime-/.test(line))).toBe(true)
  expect(readdirSync(around)).toEqual([])
})

test('a folder that holds something else is left alone', () => {
  const folder = temporary()
  writeFileSync(join(folder, 'mine.txt'), '')
  const { status, lines } = fetchInto(folder)
  expect(status).toBe(3)
  expect(lines[0]).toContain('holds something other than the jars of')
  expect(existsSync(join(folder, 'mine.txt'))).toBe(true)
  expect(readdirSync(folder)).toEqual(['mine.txt'])
})
