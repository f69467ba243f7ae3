# METADATA
# description: |
#   The policy data that the rules read, in one place; setup.rego denies when a part that must be there is missing.
package countersign.settings

# regal ignore:unresolved-reference
models := data.approved_models.models

# regal ignore:unresolved-reference
forbidden_models := object.get(data.approved_models, "forbidden", [])

# regal ignore:unresolved-reference
scope := data.scope

# regal ignore:unresolved-reference
approvers := data.approvers

# regal ignore:unresolved-reference
evidence := data.evidence

# regal ignore:unresolved-reference
placeholders := data.placeholders

# METADATA
# description: What rules.yaml says; every rule is what it usually is where there is none.
# scope: document
default rules := {}

# regal ignore:unresolved-reference
rules := data.rules

# METADATA
# description: The project takes no contributions made with AI (`disclosure.profile` in config.yaml is `forbid`).
ai_forbidden if input.disclosure_profile == "forbid"
