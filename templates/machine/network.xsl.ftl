<?xml version="1.0"?>
<!-- The provider gives the bridge the network's first address, which is a node's here. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes" indent="yes"/>
  <xsl:template match="node()|@*">
    <xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy>
  </xsl:template>
  <!-- Neither DHCP nor DNS: every address is static. -->
  <xsl:template match="/network">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()[not(self::dns)]"/>
      <dns enable="no"/>
    </xsl:copy>
  </xsl:template>
  <xsl:template match="/network/ip">
    <ip address="${hostAddress}" prefix="${prefix}"/>
  </xsl:template>
</xsl:stylesheet>
