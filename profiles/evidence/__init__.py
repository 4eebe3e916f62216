"""Proofs that an account belongs to an author: one module each. They look and answer; profiles.actions.evidence writes."""
