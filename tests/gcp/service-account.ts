import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export const PROJECT = 'acme-shop'
export const PRINCIPAL = `pipeline@${PROJECT}.iam.gserviceaccount.com`

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A service account's key, as the console of Google Cloud gives it, that nobody has ever seen. */
export function serviceAccountKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    type: 'service_account',
    project_id: PROJECT,
    private_key_id: 'made-for-this-test',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    client_email: PRINCIPAL,
    token_uri: 'https://oauth2.googleapis.com/token',
    universe_domain: 'googleapis.com',
  }
}

/** The path of a file with this content, which ends with the test. */
export function credentialsFile(content: object | string): string {
  const path = join(temporaryFolder(), 'credentials.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
