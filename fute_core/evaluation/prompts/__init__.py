"""Prompt selection: does the prompt whose embedding is nearest to that of a dataset do best on it?"""
