import type { Faker } from '@faker-js/faker'
// This entry loads one language; the package's main entry loads seventy, which takes a third of a second.
import { faker as english } from '@faker-js/faker/locale/en'
import type { Customer, Product, Warehouse } from '../catalogue/index.ts'

/** A small shop that stays the same for a seed: who buys, what is sold, and where it lies. */
export interface Universe {
  readonly customers: readonly Customer[]
  readonly products: readonly Product[]
  readonly warehouses: readonly Warehouse[]
}

const SIZE = { customers: 500, products: 200 }
const REGIONS = ['us-central', 'us-east', 'us-west', 'europe-west', 'asia-east']
/** Addresses that are kept free for documentation (RFC 5737): nobody's. */
const DOCUMENTATION_NETS = ['192.0.2', '198.51.100', '203.0.113']

export function universe(seed: number): Universe {
  const faker = seeded(seed)
  return {
    customers: Array.from({ length: SIZE.customers }, (_, i) => customer(faker, i)),
    products: Array.from({ length: SIZE.products }, (_, i) => ({
      id: `prod-${number(i)}`,
      name: faker.commerce.productName(),
      cents: faker.number.int({ min: 199, max: 49_999 }),
    })),
    warehouses: REGIONS.map((region) => ({ id: `wh-${region}` })),
  }
}

const customer = (faker: Faker, i: number): Customer => ({
  id: `customer-${number(i)}`,
  address: {
    street: faker.location.streetAddress(),
    city: faker.location.city(),
    country: faker.location.countryCode(),
  },
  ipAddress: `${faker.helpers.arrayElement(DOCUMENTATION_NETS)}.${faker.number.int({ min: 1, max: 254 })}`,
  userAgent: faker.internet.userAgent(),
  platform: faker.helpers.arrayElement(['web', 'mobile', 'tablet']),
})

/** A source of its own: the package's ready-made one is shared by all who import it. */
export function seeded(seed: number): Faker {
  const FakerClass = english.constructor as typeof Faker
  return new FakerClass({ locale: english.rawDefinitions, seed })
}

const number = (i: number) => String(i + 1).padStart(4, '0')
