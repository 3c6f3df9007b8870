import 'sluice/testing/setup'
