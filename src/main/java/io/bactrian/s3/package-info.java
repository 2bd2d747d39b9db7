/** The store in a bucket: what camel-aws2-s3 does not do by itself (parts side by side, resumed reads, whole listings). */
package io.bactrian.s3;
