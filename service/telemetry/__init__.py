"""What the service tells of itself to whoever runs it.

definitions      every metric: its name, what it means, its labels
metrics          a worker's values, asked of its parts
sharing          the values of all workers of a service, by way of a folder
page, scraping   values as Prometheus reads them
tracing          spans; otlp, sdk: where they go
slow_statements  into the log
"""
