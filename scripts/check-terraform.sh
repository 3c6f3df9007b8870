#!/usr/bin/env bash
# Checks terraform/: its format always; and, where the providers can be had, that it is valid, what its tests say, and
# that the modules for messages, dataset and bucket can be applied to the embedded emulators.
set -euo pipefail

# shellcheck disable=SC2016 # the backquotes are text
usage='Usage: scripts/check-terraform.sh [--registry]

  --registry  take the providers from the Terraform registry, and fail where it cannot be reached
  --help

Without it, SLUICE_TERRAFORM_PROVIDERS may name a folder of providers, as `terraform providers mirror` fills one. With
neither, only the format is checked.'

say() { printf '%s\n' "$*" >&2; }

registry=''
case ${1:-} in
  '') ;;
  --registry) registry=yes ;;
  --help | -h)
    printf '%s\n' "$usage"
    exit 0
    ;;
  *)
    say "check-terraform.sh: there is no option $1"
    exit 2
    ;;
esac

cd "$(dirname "$0")/.."
# npm brings the Node that the tests need.
PATH="$PWD/node_modules/.bin:$PATH"
command -v terraform >/dev/null || {
  say 'check-terraform.sh: terraform is not installed: https://developer.hashicorp.com/terraform/install'
  exit 1
}

say 'terraform fmt'
terraform fmt -check -recursive -diff terraform

# In a copy, so that nothing of it stays in the checkout.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R terraform "$work/terraform"
in_copy() { (cd "$work/terraform" && TF_IN_AUTOMATION=1 terraform "$@"); }

providers=${SLUICE_TERRAFORM_PROVIDERS:-}
if [ -n "$registry" ]; then
  providers=$work/providers
  say 'terraform providers mirror'
  mkdir "$providers"
  in_copy get >/dev/null
  in_copy providers mirror "$providers"
fi
if [ -z "$providers" ]; then
  say 'Skipped: validate, test and apply. They need the providers: --registry, or SLUICE_TERRAFORM_PROVIDERS.'
  exit 0
fi
[ -d "$providers" ] || {
  say "check-terraform.sh: SLUICE_TERRAFORM_PROVIDERS is $providers, which is not a folder"
  exit 1
}

printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$providers" >"$work/cli.tfrc"
export TF_CLI_CONFIG_FILE=$work/cli.tfrc
if in_copy init -backend=false -input=false -no-color >"$work/log" 2>&1; then
  say 'terraform validate'
  in_copy validate
  say 'terraform test'
  in_copy test
else
  say 'Skipped: validate and test. The providers that terraform/versions.tf asks for are not in that folder:'
  grep -E 'version|provider' "$work/log" | sed 's/^/  /' >&2 || cat "$work/log" >&2
  [ -z "$registry" ] || exit 1
fi

say 'terraform apply, to the embedded emulators'
SLUICE_TERRAFORM_PROVIDERS=$providers vitest run --config vitest.tools.config.ts tests/terraform
