"""The record's writes: verbs, keyword-only, the actor last."""
