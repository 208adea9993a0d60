# Sourced by use-image.sh.
REGION='us-east-1'
ENVIRONMENT='shop-production'
