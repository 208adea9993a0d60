# What a user's own script does with boto3: waiters and paginators, as they come. Prints what it found as JSON.
import json
import sys

import boto3
from botocore.exceptions import ClientError

source_ami = sys.argv[1]
ec2 = boto3.client("ec2")
ssm = boto3.client("ssm")

instance_id = ec2.run_instances(ImageId=source_ami, InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
ec2.get_waiter("instance_running").wait(InstanceIds=[instance_id])
ec2.stop_instances(InstanceIds=[instance_id])
ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance_id])
image_id = ec2.create_image(InstanceId=instance_id, Name="boto3-image")["ImageId"]
ec2.get_waiter("image_available").wait(ImageIds=[image_id])
image = ec2.describe_images(ImageIds=[image_id])["Images"][0]
snapshot_id = image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[snapshot_id])
ec2.terminate_instances(InstanceIds=[instance_id])
ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance_id])

for number in range(12):
    ssm.put_parameter(Name=f"/boto3/{number:02}", Value=image_id, Type="String", DataType="aws:ec2:image")
pages = list(ssm.get_paginator("get_parameters_by_path").paginate(Path="/boto3"))
images = [
    each["ImageId"]
    for page in ec2.get_paginator("describe_images").paginate(Owners=["self"], PaginationConfig={"PageSize": 1})
    for each in page["Images"]
]

key = boto3.client("kms").create_key(Description="web")["KeyMetadata"]["Arn"]
aliases = [alias["AliasName"] for alias in boto3.client("kms").list_aliases()["Aliases"]]

try:
    ec2.describe_images(ImageIds=["ami-00000000000000000"])
    refused = None
except ClientError as error:
    refused = error.response["Error"]["Code"]

print(
    json.dumps(
        {
            "imageId": image_id,
            "images": images,
            "pages": [len(page["Parameters"]) for page in pages],
            "account": boto3.client("sts").get_caller_identity()["Account"],
            "key": key,
            "aliases": aliases,
            "refused": refused,
        }
    )
)
