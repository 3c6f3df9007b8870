import type { Implementation } from '../contract.ts'
import type { storageContract } from './index.ts'

type StorageImplementation = Implementation<typeof storageContract>

export const embedded: StorageImplementation = { name: 'The embedded emulator', diverges: {}, lacks: {} }

export const fakeGcsServer: StorageImplementation = { name: 'fake-gcs-server 1.56.1', diverges: {}, lacks: {} }
