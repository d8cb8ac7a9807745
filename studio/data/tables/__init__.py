"""Rows of any file: text lines, CSV, JSON, Parquet, Excel, saved data sets; packed, in archives and in folders."""
