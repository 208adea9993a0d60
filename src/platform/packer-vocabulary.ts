// What Packer 1.0.3 knows, which was the last version that Elastic Beanstalk ran. An unknown key is an error in every
// version. Read from the source of v1.0.3: builder/amazon/common, helper/communicator, provisioner/*, template/.

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Keys of an amazon-ebs builder that 1.0.3, 1.6.6 and 1.16 all take. */
export const sharedBuilderKeys = words(`
  type name access_key ami_block_device_mappings ami_description ami_groups ami_name ami_product_codes ami_regions
  ami_users ami_virtualization_type associate_public_ip_address availability_zone communicator custom_endpoint_ec2
  disable_stop_instance ebs_optimized encrypt_boot force_delete_snapshot force_deregister iam_instance_profile
  instance_type kms_key_id launch_block_device_mappings mfa_code profile region region_kms_key_ids run_tags
  run_volume_tags secret_key security_group_id security_group_ids shutdown_behavior skip_region_validation
  snapshot_groups snapshot_tags snapshot_users source_ami source_ami_filter spot_price spot_price_auto_product
  ssh_agent_auth ssh_bastion_agent_auth ssh_bastion_host ssh_bastion_password ssh_bastion_port
  ssh_bastion_private_key_file ssh_bastion_username ssh_file_transfer_method ssh_handshake_attempts ssh_host
  ssh_keypair_name ssh_password ssh_port ssh_private_key_file ssh_pty ssh_timeout ssh_username subnet_id tags
  temporary_key_pair_name token user_data user_data_file vpc_id windows_password_timeout winrm_host winrm_insecure
  winrm_password winrm_port winrm_timeout winrm_use_ntlm winrm_use_ssl winrm_username`);

/** Keys that 1.0.3 takes and later versions refuse or have renamed. */
const oldBuilderKeys = words('enhanced_networking ssh_private_ip ssh_disable_agent');

export const builderKeys: ReadonlySet<string> = new Set([...sharedBuilderKeys, ...oldBuilderKeys]);

export const blockDeviceKeys = words(
  'delete_on_termination device_name encrypted iops no_device snapshot_id virtual_name volume_size volume_type',
);

export const sourceFilterKeys = words('filters owners most_recent');

export const rootKeys = words('builders provisioners post-processors variables push description min_packer_version');

const metaKeys = 'type only except override pause_before';

/** Keys of the provisioners that archives use; the others are known by name only. */
export const provisionerKeys: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'shell',
    words(`${metaKeys} binary inline inline_shebang script scripts environment_vars remote_folder remote_file remote_path
      execute_command start_retry_timeout skip_clean expect_disconnect`),
  ],
  ['file', words(`${metaKeys} source sources destination direction`)],
]);

export const provisionerTypes = words(`ansible ansible-local chef-client chef-solo converge file powershell
  puppet-masterless puppet-server salt-masterless shell shell-local windows-restart windows-shell`);

export const templateFunctions = words(
  'build_name build_type env isotime pwd template_dir timestamp uuid user upper lower clean_ami_name',
);
