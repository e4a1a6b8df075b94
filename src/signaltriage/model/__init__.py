"""What users hold: `TriageModel`, composed of an encoder, a router and a decision, and the runs over whole files.

triage       TriageModel: train, predict
evidence     what held-out rows say about a model: metrics, minimum probabilities
folder       TriageModel ↔ model folder
runs         files in, files out: train, classify, evaluate
progress     what a killed `classify` keeps for --resume
rules        rules.toml checked, by itself and on a table
health       doctor: a model folder explained and checked
"""
