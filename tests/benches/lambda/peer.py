"""The peer of the bench: what a Lambda function in Python does that starts ingestions.

A handler as they are written everywhere, one CreateIngestion per data set with boto3,
its client made once; and, in place of the service's own Python runtime, the least loop
around the Runtime API, which is cheaper than that.
"""

import http.client
import json
import os
import uuid
from datetime import datetime, timezone

import boto3

ACCOUNT = os.environ["QUICKSIGHT_AWS_ACCOUNT_ID"]
DATA_SETS = [id.strip() for id in os.environ["QUICKSIGHT_DATASET_IDS"].split(",") if id.strip()]
quicksight = boto3.client("quicksight")


def handler(event):
    results, errors = [], []
    for data_set in DATA_SETS:
        ingestion = f"refresh-{uuid.uuid4()}"
        try:
            answer = quicksight.create_ingestion(
                AwsAccountId=ACCOUNT, DataSetId=data_set, IngestionId=ingestion, IngestionType="FULL_REFRESH"
            )
            status = answer["IngestionStatus"]
            results.append({"data_set": data_set, "ingestion_id": ingestion, "status": status})
        except quicksight.exceptions.ClientError as error:
            errors.append({"data_set": data_set, "error": str(error)})
    if errors:
        raise RuntimeError(json.dumps(errors))
    timestamp = datetime.now(timezone.utc).isoformat()
    return {"message": f"{len(results)} started", "timestamp": timestamp, "results": results, "errors": errors}


def main():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    prefix = "/2018-06-01/runtime/invocation"
    while True:
        api.request("GET", f"{prefix}/next")
        answer = api.getresponse()
        event = json.loads(answer.read())
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            path, body, headers = f"{prefix}/{request_id}/response", handler(event), {}
        except Exception as error:
            path = f"{prefix}/{request_id}/error"
            body = {"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": []}
            headers = {"Lambda-Runtime-Function-Error-Type": "Unhandled"}
        api.request("POST", path, json.dumps(body), headers)
        api.getresponse().read()


main()
